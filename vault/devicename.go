package vault

// DeviceName returns what this device is called in the roster; "" where the vault is open for reading only.
func (v *Vault) DeviceName() (string, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if err := v.openable(); err != nil || v.readOnly {
		return "", err
	}
	t, err := v.trust()
	if err != nil {
		return "", err
	}
	m, _ := t.roster.Member(t.self)
	return m.Name, nil
}
