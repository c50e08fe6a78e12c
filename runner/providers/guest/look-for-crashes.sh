# Prints what the kernel said since the machine became one of the lab, then what systemd said of units whose process
# ended. What it prints is whole when it begins with the mark that make_itself.py left, and has its last line.
mark='wirelab: the lab begins'
since_mark() { sed -n "/$mark/,\$p"; }
journal() { journalctl --quiet --boot --no-pager --output short-monotonic "$@" | since_mark; }

kernel=$(dmesg --decode | since_mark)
# Who writes much pushes the mark out of the kernel's own buffer; the journal keeps more.
if [ -z "$kernel" ]; then kernel=$(journal _TRANSPORT=kernel); fi
printf '%s\n--- units\n' "$kernel"
# Opening the journal costs ten times this search in its files.
if grep -qas 'Main process exited' /run/log/journal/*/*.journal; then
  journal _PID=1 + _TRANSPORT=kernel | grep -F 'systemd[1]: '
fi
echo '--- end'
