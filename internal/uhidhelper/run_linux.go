package uhidhelper

import "context"

// Run is the helper's life: rights away, socket, service.
func Run(ctx context.Context, o Options) error {
	s := &Server{Allowed: AllowedBy(o.Users), OpenUHID: OpenUHID, Log: o.Log}
	if err := Confine(); err != nil {
		return err
	}
	var err error
	if o.Listen != "" {
		s.Listener, err = Listen(o.Listen)
	} else {
		s.Listener, err = Activated(o.Getenv)
		s.Idle = idleTime
	}
	if err != nil {
		return err
	}
	defer s.Listener.Close() //nolint:errcheck // the process ends
	return s.Serve(ctx)
}
