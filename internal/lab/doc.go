// Command lab proves on a real Linux kernel what no container can show: it boots Debian's kernel under QEMU, gives it this machine's own files, and runs
// the tests of internal/lab/jobs there as root, with /dev/uhid, /dev/hidraw* and udev, against the signet program built from this tree. `make lab` runs
// it; `make lab RUN=TestName` runs one job, and what it prints appears at once.
//
// The machine's root is a read-only 9p mount of the root here with a tmpfs laid over it, so every installed program is there, everything may be
// written, and nothing of it stays. Only the folder /lab is shared for writing: it holds the programs under test, and what the jobs print comes back
// through it. Without usable KVM the processor is emulated: about thirty times slower than the machine, so every step has a limit of its own and
// nothing waits for a fixed time.
//
//   - main.go: the steps and their limits.
//   - kernel.go: Debian's kernel package is downloaded and unpacked, never installed; what is needed of it stays in the cache folder.
//   - initramfs.go: the first file system, with init.sh as its program; run.sh is what the machine runs once its root is there.
//   - machine.go: QEMU.
//
// A new job is one file in internal/lab/jobs, see its doc.go. A kernel module that a job needs is one more word in modules (kernel.go), a Debian
// package one more row for the stage lab in internal/make/deps.sh.
package main
