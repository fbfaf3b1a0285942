package cli

import "os"

// openTTY opens the console; nil when there is none.
func openTTY() (in, out *os.File) {
	in, err := os.OpenFile("CONIN$", os.O_RDWR, 0)
	if err != nil {
		return nil, nil
	}
	out, err = os.OpenFile("CONOUT$", os.O_RDWR, 0)
	if err != nil {
		_ = in.Close()
		return nil, nil
	}
	return in, out
}
