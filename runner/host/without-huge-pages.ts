/** The number of prctl(2), for Perl has no name for it (Linux, asm/unistd.h). */
const prctl: Readonly<Record<string, string>> = { x64: '157', arm64: '167' }

/** 41 is PR_SET_THP_DISABLE (Linux, linux/prctl.h). A kernel that can't do it gives the pages, which costs memory alone. */
const script = `syscall(shift, 41, 1, 0, 0, 0); exec { $ARGV[0] } @ARGV; die "$ARGV[0]: $!\\n"`

/**
 * A command line whose program gets no transparent huge pages, even where it asks for them (prctl(2)): what it has of a
 * buffer that it uses in part takes as much memory as it uses, and not the rest of each 2 MiB. On a processor whose
 * number of the call isn't known here, the program as it stands.
 */
export function withoutHugePages(argv: readonly string[]): readonly string[] {
  const call = prctl[process.arch]
  return call === undefined ? argv : ['perl', '-e', script, call, ...argv]
}
