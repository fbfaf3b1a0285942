package widget

import "github.com/rivo/uniseg"

// nextCluster splits the first grapheme off a safe string and gives its width as the renderer measures it.
func nextCluster(s string) (cluster, rest string, width int) {
	cluster, rest, _, _ = uniseg.FirstGraphemeClusterInString(s, -1)
	return cluster, rest, Width(cluster)
}

func graphemes(b []byte) int {
	n := 0
	for len(b) > 0 {
		_, b, _, _ = uniseg.FirstGraphemeCluster(b, -1)
		n++
	}
	return n
}
