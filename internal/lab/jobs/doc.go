// Package jobs holds what the kernel lab runs: tests that need a real kernel with /dev/uhid and udev. They run as root inside the lab's machine
// (internal/lab, `make lab`), one after the other; under plain `go test` nothing of them runs. TMPDIR, /root, /run and all else are memory that is gone
// afterwards, and a job may change the machine as it likes: add users, write to /etc, start daemons.
//
//   - tools_linux_test.go: libfido2's tools and OpenSSH on a key that they find by themselves.
//   - browser_linux_test.go: one Chromium and the list of scenes in it; scenes_linux_test.go plays them. A new scene is a function and a row.
//   - site_linux_test.go: the relying party, which is go-webauthn; chromium_linux_test.go with page.html: how a test makes a page call navigator.credentials.
//   - home_linux_test.go: a user with a vault, and `signet passkey serve` on a terminal; terminal_linux_test.go: who reads and types there.
//
// A new job is one file NAME_linux_test.go with Test functions: newHome(t).plug() gives a key that is plugged in, command and must run a program with a
// limit. `make lab RUN=TestName` runs it alone. Nothing may wait for a fixed time: the processor is emulated on many machines, thirty times slower than
// here.
package jobs
