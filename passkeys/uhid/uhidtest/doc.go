// Package uhidtest is the kernel's end of /dev/uhid for tests, on a pair of sockets, and a sysfs in a directory, because few test machines have a uhid. It reads
// and writes struct uhid_event by its own table of offsets (linux/uhid.h), so that a mistake in the codec of passkeys/uhid does not judge itself. What
// a real kernel does with the same bytes is shown by the kernel lab.
package uhidtest
