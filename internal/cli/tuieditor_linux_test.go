package cli

import (
	"os"
	"testing"
)

func TestTheSystemKnowsWhatIsHeldInMemory(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/dev/shm"); err == nil {
		if ok, err := heldInMemory("/dev/shm"); !ok || err != nil {
			t.Errorf("/dev/shm: %v, %v", ok, err)
		}
	}
	if ok, _ := heldInMemory("/proc"); ok {
		t.Error("/proc is no place for files")
	}
	if _, err := heldInMemory("/nowhere at all"); err == nil {
		t.Error("what is not there is not in memory")
	}
}
