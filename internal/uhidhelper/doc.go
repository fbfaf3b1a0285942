// Package uhidhelper is the privileged half of the virtual security key: it lets users who may not open /dev/uhid have a security key, and nothing else.
//
// systemd starts it when somebody connects to its socket (internal/uhidsetup has the units), it runs as root without any capability, sees one device, and ends
// when nobody has used it for a while. For each connection it asks the kernel who is at the other end, looks the user up in a list that only the administrator
// writes, makes one security key with a descriptor, numbers and an owner of its own choice, and passes 64-byte reports both ways until the connection ends.
//
// It does not pass the descriptor of /dev/uhid on, although that would save the copying: the kernel takes another UHID_CREATE2 on it after a UHID_DESTROY
// (drivers/hid/uhid.c: uhid_dev_create2 refuses only while there is a device), so its holder could make a keyboard and type as whoever sits at the screen.
// The kernel lab shows both: the attack with a descriptor, and that the helper leaves no way to it.
//
// Everything that a client sends is hostile until proven otherwise: messages have fixed sizes (passkeys/uhid, wire.go), names and tags are checked before they
// come near the kernel's uevent, and keys, connections and the time to say hello are bounded for each user.
//
// server_linux.go has the life of a connection, ledger.go the limits, users.go the list of users, start_linux.go how the process gets its socket and gives up
// its rights.
package uhidhelper
