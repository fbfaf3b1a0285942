package jobs

import (
	"fmt"
	"os"
	"testing"
)

// TestMain keeps the jobs from running anywhere but in the lab's machine: they start daemons and plug in devices.
func TestMain(m *testing.M) {
	if os.Getenv("SIGNET_LAB") == "" {
		fmt.Println("the jobs of the kernel lab run only in its machine: make lab")
		return
	}
	os.Exit(m.Run())
}

func TestTheKernelHasUHID(t *testing.T) {
	if _, err := os.Stat("/dev/uhid"); err != nil {
		t.Fatal(err)
	}
}
