package audit

import (
	"net"
	"net/netip"
	"slices"
	"strings"

	"signet/vault/entry"
)

// site is what is told apart as one site: the part of the host name that somebody registered. It is a rule of thumb and not the
// public suffix list: being wrong makes a finding of one kind into one of another kind, and never hides one.
func site(rawURL string) string {
	host := strings.TrimSuffix(entry.Host(strings.TrimSpace(rawURL)), ".")
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	if host == "" || len(host) > maxHost || strings.ContainsAny(host, " /\n") {
		return ""
	}
	if _, err := netip.ParseAddr(host); err == nil {
		return host
	}
	labels := strings.Split(host, ".")
	n := 2
	if l := len(labels); l >= 3 && (len(labels[l-1]) == 2 && slices.Contains(shared, labels[l-2]) || slices.Contains(hosting, labels[l-2]+"."+labels[l-1])) {
		n = 3 // example.co.uk, someone.github.io
	}
	return strings.Join(labels[max(0, len(labels)-n):], ".")
}

// maxHost is the length of the longest host name (RFC 1035).
const maxHost = 253

// shared are second levels of countries below which names are registered: co.uk, com.au, or.jp.
var shared = []string{"ac", "co", "com", "edu", "go", "gob", "gov", "me", "mil", "ne", "net", "nom", "or", "org", "sch"}

// hosting are domains below which every name is somebody else's.
var hosting = []string{
	"github.io", "gitlab.io", "pages.dev", "workers.dev", "netlify.app", "vercel.app", "herokuapp.com", "appspot.com", "web.app", "firebaseapp.com",
	"azurewebsites.net", "cloudfront.net", "fly.dev", "onrender.com", "blogspot.com", "wordpress.com", "myshopify.com", "ngrok.io", "duckdns.org", "dyndns.org",
}

// local says whether a host is in the own house: there, encryption is often not to be had, and nobody else is on the way.
func local(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if a, err := netip.ParseAddr(host); err == nil {
		a = a.Unmap()
		return a.IsLoopback() || a.IsPrivate() || a.IsLinkLocalUnicast() || a.IsUnspecified()
	}
	if host == "" || !strings.Contains(host, ".") {
		return true
	}
	// Tor encrypts by itself.
	for _, end := range []string{".localhost", ".local", ".lan", ".home", ".home.arpa", ".internal", ".intranet", ".test", ".fritz.box", ".onion"} {
		if strings.HasSuffix(host, end) {
			return true
		}
	}
	return host == "fritz.box"
}
