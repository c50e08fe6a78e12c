# Copies a file into memory that nobody can change any more, itself included: memfd_create(2), and fcntl(2) F_ADD_SEALS.
# Arguments: the file, and the numbers of the system calls memfd_create and sendfile. Prints the number of the copy's
# descriptor as soon as it has its size, and another line when all is copied and sealed; holds it until standard input
# ends. Holes stay holes.
use strict;
my ($close_on_exec, $allow_sealing, $add_seals, $seek_data, $seek_hole) = (1, 2, 1033, 3, 4);
my $seal_all = 1 | 2 | 4 | 8;
my ($path, $memfd_create, $sendfile) = @ARGV;
$_ += 0 for $memfd_create, $sendfile;
my $name = "wirelab";

open(my $from, '<:raw', $path) or die "$!\n";
my $fd = syscall($memfd_create, $name, $close_on_exec | $allow_sealing);
die "memfd_create: $!\n" if $fd < 0;
open(my $to, '+<&=', $fd) or die "$!\n";
my $size = -s $from;
truncate($to, $size) or die "$!\n";
$| = 1;
print "$fd\n";
for (my $at = 0; $at < $size;) {
  my $begin = sysseek($from, $at, $seek_data) or last;
  $begin += 0;
  $at = sysseek($from, $begin, $seek_hole) + 0;
  sysseek($from, $begin, 0);
  sysseek($to, $begin, 0);
  for (my $left = $at - $begin; $left > 0;) {
    my $sent = syscall($sendfile, $fd, fileno($from), 0, $left);
    die "sendfile: $!\n" if $sent < 0;
    die "it became shorter\n" if $sent == 0;
    $left -= $sent;
  }
}
fcntl($to, $add_seals, $seal_all) or die "F_ADD_SEALS: $!\n";
print "sealed\n";
<STDIN>;
