package uhidsetup

import (
	"fmt"
	"strings"

	"signet/internal/uhidhelper"
	"signet/passkeys/uhid"
)

// Where things are installed.
const (
	ModulesFile = "/etc/modules-load.d/signet-uhid.conf"
	RulesFile   = "/etc/udev/rules.d/69-signet-uhid.rules"
	SocketUnit  = "/etc/systemd/system/signet-uhid.socket"
	ServiceUnit = "/etc/systemd/system/signet-uhid.service"
	SocketLink  = "/etc/systemd/system/sockets.target.wants/signet-uhid.socket"
	BinaryCopy  = "/usr/local/libexec/signet-uhid-helper"
	UsersFile   = uhidhelper.UsersFile
)

// HelperCommand is the hidden command below `signet passkey` that the service runs.
const HelperCommand = "uhid-helper"

// mark is the first line of every text that is installed: what does not begin with it is somebody else's and stays as it is.
const mark = "# Installed by 'signet passkey serve --install'; 'signet passkey serve --uninstall' removes it.\n"

const modulesText = mark + "uhid\n"

const socketText = mark + `[Unit]
Description=Socket of Signet's helper for virtual security keys

[Socket]
ListenSequentialPacket=` + uhid.Socket + `
# Everybody may connect. The helper asks the kernel who it is and serves the users in ` + uhidhelper.UsersFile + `.
SocketMode=0666
RemoveOnStop=yes

[Install]
WantedBy=sockets.target
`

// serviceText has the path of the program. The service is root, because /dev/uhid is root's, and nothing else of root: no capability, one device, no network, no
// files to write. ProtectClock is left out, for it would let the clock's device in; without capabilities there is no clock to set.
func serviceText(program string) string {
	return mark + `[Unit]
Description=Signet's helper for virtual security keys
Requires=signet-uhid.socket
Wants=modprobe@uhid.service
After=systemd-modules-load.service modprobe@uhid.service signet-uhid.socket

[Service]
ExecStart=` + quoteExec(program) + ` passkey ` + HelperCommand + `
UMask=0077
DevicePolicy=closed
DeviceAllow=` + uhid.DevicePath + ` rw
CapabilityBoundingSet=
AmbientCapabilities=
NoNewPrivileges=yes
PrivateNetwork=yes
RestrictAddressFamilies=AF_UNIX
IPAddressDeny=any
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateIPC=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectProc=invisible
ProcSubset=pid
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
SystemCallErrorNumber=EPERM
KeyringMode=private
LimitCORE=0
LimitNOFILE=512
MemoryMax=64M
TasksMax=64
`
}

// quoteExec writes a path for ExecStart=, where %, $, quotes and blanks mean something.
func quoteExec(path string) string {
	if !strings.ContainsAny(path, "%$\"'\\ \t;") {
		return path
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, `%`, `%%`, `$`, `$$`).Replace(path) + `"`
}

// unquoteExec reads what quoteExec wrote.
func unquoteExec(s string) string {
	inner, quoted := strings.CutPrefix(s, `"`)
	if !quoted {
		return s
	}
	return strings.NewReplacer(`\\`, `\`, `\"`, `"`, `%%`, `%`, `$$`, `$`).Replace(strings.TrimSuffix(inner, `"`))
}

const ruleLine = `ACTION!="remove", SUBSYSTEM=="misc", KERNEL=="uhid", TAG+="uaccess", OPTIONS+="static_node=uhid"
`

// rulesText gives each user's keys to that user alone. fido_id (60-fido-id.rules) has marked the node as a security token, for which 70-uaccess.rules lets in
// whoever sits at the screen; a virtual key belongs to the user whose vault is behind it, also when somebody else's session is in front. A USB or Bluetooth device
// cannot pass for one: its path in the system is another. With := later rules change nothing: machines with adjustable keyboards have some that open every hidraw.
func rulesText(way Way, users []uhidhelper.User) string {
	var b strings.Builder
	b.WriteString(mark)
	if way == Rule {
		b.WriteString(`
# Whoever sits at the machine may open /dev/uhid. RISK: every program of that session can then make keyboards and mice.
` + ruleLine)
	}
	b.WriteString(`
ACTION=="remove", GOTO="signet_uhid_end"
SUBSYSTEM!="hidraw", GOTO="signet_uhid_end"
DEVPATH!="/devices/virtual/misc/uhid/*", GOTO="signet_uhid_end"
IMPORT{parent}="HID_UNIQ"
`)
	for _, u := range users {
		fmt.Fprintf(&b, "ENV{HID_UNIQ}==\"%s*\", OWNER:=\"%d\", GROUP:=\"root\", MODE:=\"0600\", ENV{ID_SECURITY_TOKEN}=\"\", TAG-=\"uaccess\"\n", uhid.UniqOf(u.UID, ""), u.UID)
	}
	b.WriteString("LABEL=\"signet_uhid_end\"\n")
	return b.String()
}
