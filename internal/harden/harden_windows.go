package harden

import "golang.org/x/sys/windows"

// noHeap is WER_FAULT_REPORTING_FLAG_NOHEAP of werapi.h: crash reports leave the heap out.
const noHeap = 1

func steps() []step {
	return []step{{"keep the heap out of crash reports", func() error {
		set := windows.NewLazySystemDLL("kernel32.dll").NewProc("WerSetFlags")
		if err := set.Find(); err != nil {
			return err
		}
		if result, _, _ := set.Call(noHeap); result != 0 {
			return windows.Errno(result & 0xffff)
		}
		return nil
	}}}
}
