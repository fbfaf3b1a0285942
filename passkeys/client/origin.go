package client

import (
	"net/netip"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// Origin is where a page comes from: scheme, host in lower-case ASCII, and a port where it is not the scheme's own.
type Origin struct {
	Scheme string
	Host   string
	Port   string
}

// Bounds of names (RFC 1035, section 2.3.4) and of what is read as an origin.
const (
	maxOrigin = 2048
	maxHost   = 253
	maxLabel  = 63
)

// ParseOrigin reads an origin as a person or a browser writes it: https://host or https://host:port, with or without a slash behind it. Names in other
// scripts are turned into ASCII. A path, a query or a user name is refused, and so is every origin that may not use passkeys: an address instead of a name,
// and anything but https outside of localhost. Every error is an *Error.
func ParseOrigin(s string) (Origin, error) {
	o, err := parseOrigin(s)
	if err == nil {
		err = o.secure()
	}
	if err != nil {
		return Origin{}, err
	}
	return o, nil
}

func parseOrigin(s string) (Origin, error) {
	if s == "null" {
		return Origin{}, errorf(NotAllowed, "the page has no origin of its own (\"null\"), so no passkey can belong to it")
	}
	scheme, rest, found := strings.Cut(s, "://")
	if !found || len(s) > maxOrigin || !utf8.ValidString(s) {
		return Origin{}, errorf(Security, "%q is not an origin: write https://host or https://host:port", clip(s))
	}
	o := Origin{Scheme: strings.ToLower(scheme)}
	rest = strings.TrimSuffix(rest, "/")
	if strings.ContainsAny(rest, "/\\?#@%") {
		return Origin{}, errorf(Security, "%q is not an origin: write https://host without a path or a user name", clip(s))
	}
	host, port, err := splitPort(rest)
	if err != nil {
		return Origin{}, err
	}
	if o.Port = port; port == defaultPort(o.Scheme) {
		o.Port = ""
	}
	o.Host, err = asciiHost(host)
	return o, err
}

func defaultPort(scheme string) string {
	switch scheme {
	case "https":
		return "443"
	case "http":
		return "80"
	}
	return ""
}

func splitPort(s string) (host, port string, err error) {
	if strings.HasPrefix(s, "[") {
		return "", "", errAddress(s)
	}
	host, port, found := strings.Cut(s, ":")
	if !found || port == "" {
		return host, "", nil
	}
	n, parse := strconv.ParseUint(port, 10, 16)
	if parse != nil || strings.HasPrefix(port, "+") {
		return "", "", errorf(Security, "%q is no port", clip(port))
	}
	return host, strconv.FormatUint(n, 10), nil
}

func errAddress(host string) error {
	return errorf(Security, "%s is an address; passkeys belong to names", clip(host))
}

// asciiHost is a host as a browser names it (URL Standard, section 3.5, "host parsing"): IDNA processing without the transitional rules, and no more
// characters than names of machines have.
func asciiHost(host string) (string, error) {
	if _, err := netip.ParseAddr(host); err == nil {
		return "", errAddress(host)
	}
	ascii, err := nameProfile().ToASCII(host)
	if err == nil && ascii != host { // what comes out has to be a name of its own
		ascii, err = nameProfile().ToASCII(ascii)
	}
	if err != nil || !isName(ascii) {
		return "", errorf(Security, "%q is not the name of a site", clip(host))
	}
	if numeric(ascii[strings.LastIndexByte(ascii, '.')+1:]) {
		return "", errAddress(host) // 127.1, 0x7f.1 and their kind
	}
	return ascii, nil
}

// nameProfile is UTS #46 as the URL Standard calls it.
func nameProfile() *idna.Profile {
	return idna.New(idna.MapForLookup(), idna.BidiRule(), idna.CheckJoiners(true), idna.CheckHyphens(false), idna.StrictDomainName(false), idna.Transitional(false))
}

func isName(s string) bool {
	if len(s) > maxHost {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > maxLabel {
			return false
		}
	}
	return !strings.ContainsFunc(s, notOfName)
}

func notOfName(r rune) bool {
	return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '_' && r != '.'
}

// numeric reports whether a last label makes a host an IPv4 address (URL Standard, "ends in a number checker").
func numeric(label string) bool {
	if hex, ok := strings.CutPrefix(label, "0x"); ok {
		return strings.Trim(hex, "0123456789abcdef") == ""
	}
	return strings.Trim(label, "0123456789") == ""
}

// secure says whether a page of this origin may use passkeys: https, and localhost whatever its scheme.
func (o Origin) secure() error {
	local := o.Host == "localhost" || strings.HasSuffix(o.Host, ".localhost")
	if o.Scheme == "https" || o.Scheme == "http" && local {
		return nil
	}
	return errorf(Security, "%s is not secure: passkeys work on https, and on http only at localhost", clip(o.String()))
}

// check refuses an origin that ParseOrigin would not have returned.
func (o Origin) check() error {
	again, err := ParseOrigin(o.String())
	if err == nil && again != o {
		err = errorf(Security, "%q is not an origin in its ASCII form", clip(o.String()))
	}
	return err
}

// String is the ASCII serialisation that is signed (HTML, section 7.1.1): no slash at the end, no default port.
func (o Origin) String() string {
	s := o.Scheme + "://" + o.Host
	if o.Port != "" {
		s += ":" + o.Port
	}
	return s
}

// clip shortens what is quoted in a message.
func clip(s string) string {
	const most = 100
	if len(s) > most {
		return s[:most] + "…"
	}
	return s
}
