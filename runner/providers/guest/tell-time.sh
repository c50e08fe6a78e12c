# Prints what the machine's clock says, some times. Built-ins alone, so that nothing comes between clock and line.
exec 9<> <(:)
for ((times = 0; times < 20; times++)); do
  echo "$EPOCHREALTIME"
  read -rt 0.02 -u 9 || :
done
