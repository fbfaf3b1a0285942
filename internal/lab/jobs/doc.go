// Package jobs holds what the kernel lab runs: tests that need a real kernel with /dev/uhid and udev. They run as root inside the lab's machine
// (internal/lab, `make lab`); under plain `go test` nothing of them runs.
package jobs
