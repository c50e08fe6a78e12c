import type { Image } from '../../image/image.ts'

/** For tests: an image of files that nobody reads. */
export const noImage = {
  ...{ name: 'debian-12', hostKey: '', clientKey: '/dev/null' },
  ...{ kernel: '/dev/null', initrd: '/dev/null', root: '/dev/null' },
  manifest: { key: '0', files: {}, built: {}, hostKey: '', kernel: { release: '6.1', commandLine: 'quiet' } },
} as unknown as Image

/** The script of a QEMU that greets, answers its first command, and then does as it is told under each accelerator. */
export const qemuThat = (underKvm: string, underTcg = underKvm): string => `
answer() { echo '{"QMP": {}}'; read -r line; echo '{"return": {}, "id": 1}'; }
case "$*" in
*--version*) echo 'QEMU emulator version 7.2.22' ;;
*'-accel kvm'*) ${underKvm} ;;
*) ${underTcg} ;;
esac`
