package vault

import (
	"context"
	"time"

	"signet/vault/format"
)

// DeviceInfo is one enrolled device as the signed list has it.
type DeviceInfo struct {
	ID    format.MemberID
	Name  string
	This  bool
	Added time.Time // as its adder claims
	By    string    // name of who let it in; "" for the device that made the vault
}

// Devices lists the devices that can open the vault today, in the order in which they came. It takes no lock and asks nobody.
func (v *Vault) Devices(ctx context.Context) ([]DeviceInfo, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	t, list, err := v.known(ctx)
	if err != nil {
		return nil, err
	}
	var out []DeviceInfo
	for _, m := range t.roster.Members {
		if !m.Active || m.Kind != format.KindDevice {
			continue
		}
		d := DeviceInfo{ID: m.ID, Name: firstOf(m.Name, m.ID.Short()), This: m.ID == v.self && !v.readOnly, Added: when(m.Added)}
		if by, ok := t.roster.Member(m.By); ok && m.By != m.ID {
			d.By = slotName(by, list)
		}
		out = append(out, d)
	}
	return out, nil
}

// DeviceNames are the names of all devices that ever belonged to the vault, by their ids: of those that were removed too.
func (v *Vault) DeviceNames(ctx context.Context) (map[string]string, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	t, _, err := v.known(ctx)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for _, m := range t.roster.Members {
		if m.Kind == format.KindDevice {
			out[string(m.ID)] = firstOf(m.Name, m.ID.Short())
		}
	}
	return out, nil
}
