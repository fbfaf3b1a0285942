package client

// Origin is where a page comes from: scheme, host in lower-case ASCII, and a port where it is not the scheme's own.
type Origin struct {
	Scheme string
	Host   string
	Port   string
}

// ParseOrigin reads an origin as a person or a browser writes it: https://host or https://host:port, with or without a slash behind it. Names in other
// scripts are turned into ASCII. A path, a query or a user name is refused.
func ParseOrigin(s string) (Origin, error) { return Origin{}, errorf(Security, "not yet") }

// String is the ASCII serialisation that is signed (HTML, section 7.1.1): no slash at the end, no default port.
func (o Origin) String() string {
	s := o.Scheme + "://" + o.Host
	if o.Port != "" {
		s += ":" + o.Port
	}
	return s
}
