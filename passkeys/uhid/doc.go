// Package uhid makes an authenticator appear as a USB security key on Linux: the kernel's uhid turns a program that writes to /dev/uhid into a HID device,
// and browsers, libfido2 and ssh-keygen find it like any other key. Elsewhere there is a stub.
//
// Two ways lead to the kernel. Where /dev/uhid opens for this user, the package writes to it. Everywhere else it asks Signet's helper (internal/uhidhelper)
// over a socket: whoever holds /dev/uhid can make keyboards and mice, also with a descriptor that was handed over after a key was made with it, because
// the kernel takes UHID_DESTROY and another UHID_CREATE2 on it. So the helper keeps the descriptor and passes reports on, 64 bytes each, and nothing else.
//
// event.go has the kernel's events (linux/uhid.h), plugged.go a device made with an open /dev/uhid, hidraw.go how its node is found, wire.go the messages between
// helper and client, helper_linux.go the client, pace.go how fast answers go out, uhid_linux.go what ties them together. uhidtest is a kernel for tests. A new
// event gets its constant and its rule in event.go, a seed in event_test.go, and what to do with it in Plugged.handle.
package uhid
