package cli

import (
	"context"

	"signet/fido"
	"signet/tui/screen"
)

// tuiHardware sees security keys for the screens.
type tuiHardware struct{ version string }

// newTUIHardware is nil where this build cannot use hardware keys: then the screens do not mention them.
func newTUIHardware() screen.HardwareKeys {
	s := fido.Available()
	if !s.Linked {
		return nil
	}
	return tuiHardware{s.Version}
}

func (t tuiHardware) Library() string {
	if t.version == "" {
		return "libfido2"
	}
	return "libfido2 " + t.version
}

func (t tuiHardware) List(ctx context.Context) ([]screen.KeyRow, error) {
	devices, err := fido.Devices()
	if err != nil || ctx.Err() != nil {
		return nil, firstError(ctx.Err(), err)
	}
	rows := make([]screen.KeyRow, 0, len(devices))
	for _, d := range devices {
		rows = append(rows, screen.KeyRow{ID: d.Path, Name: firstName(d.Product, d.Maker, "Security key"), Maker: d.Maker, Product: d.Product, USB: d.USB(), Path: d.Path})
	}
	return rows, nil
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
