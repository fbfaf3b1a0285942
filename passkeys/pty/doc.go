// Package pty makes an authenticator appear as a pseudo-terminal, which libfido2 takes for a security key: it opens any character device and speaks CTAPHID
// to it. Programs that are told the path can use it (fido2-token, ssh-keygen -O device=, python3-fido2); nothing finds it by itself, and browsers do not.
//
// A report from the host has a report id of 0 and 64 bytes, one to the host 64 bytes. A pseudo-terminal keeps no borders between them, so a host that dies
// in the middle of one spoils the device for those after it; plugging it in again helps.
package pty
