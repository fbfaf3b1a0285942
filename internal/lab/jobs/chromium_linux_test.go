package jobs

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"
)

//go:embed page.html
var page []byte

// browser is a headless Chromium that shows page.html, served by this process, and does there what a test says. There is one for all tests, because
// starting it takes most of the time.
type browser struct {
	origin string
	steps  chan *step
	mu     sync.Mutex
	open   map[int]*step
	last   int
	from   int64 // how long the log was when the last step began
}

// step is one call of navigator.credentials.
type step struct {
	ID      int    `json:"id"`
	Kind    string `json:"kind"`    // create or get
	Options any    `json:"options"` // PublicKeyCredential…OptionsJSON

	abort   func()
	aborted chan struct{} // closed by abort
	over    chan struct{} // closed when the page has told what became of it
	done    chan outcome
	ended   bool
}

// outcome is what became of it: a credential as JSON, or a DOMException.
type outcome struct {
	ID         int             `json:"id"`
	Credential json.RawMessage `json:"credential"`
	Error      string          `json:"error"`
	Message    string          `json:"message"`
}

// chromiumFlags keep it from doing what nobody here looks at: an emulated processor has no time for it.
var chromiumFlags = []string{
	"--headless=new", "--no-sandbox", "--disable-gpu", "--in-process-gpu", "--disable-software-rasterizer", "--disable-quic", "--no-first-run",
	"--no-default-browser-check", "--disable-default-apps", "--disable-background-networking", "--disable-component-update", "--disable-sync",
	"--disable-extensions", "--disable-component-extensions-with-background-pages", "--disable-breakpad", "--disable-client-side-phishing-detection",
	"--disable-hang-monitor", "--disable-renderer-backgrounding", "--disable-background-timer-throttling", "--disable-site-isolation-trials",
	"--renderer-process-limit=1", "--password-store=basic", "--mute-audio", "--metrics-recording-only", "--window-size=400,300",
	"--enable-features=NetworkServiceInProcess2", "--disable-features=Translate,MediaRouter,OptimizationHints,DialMediaRouteProvider",
	"--enable-logging=stderr", "--vmodule=*device_event_log*=1,*fido*=1",
}

// startLimit is how long Chromium may take to show its page.
const startLimit = 3 * time.Minute

// chromium starts the browser and waits until its page asks what to do.
func chromium(t *testing.T) *browser {
	t.Helper()
	b := &browser{steps: make(chan *step), open: map[int]*step{}}
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: b.routes(), ReadHeaderTimeout: patience}
	go server.Serve(l) //nolint:errcheck // it ends with the test
	b.origin = "http://localhost:" + strconv.Itoa(l.Addr().(*net.TCPAddr).Port)

	dir := t.TempDir()
	cmd := exec.Command("chromium", append(slices.Clone(chromiumFlags), "--user-data-dir="+filepath.Join(dir, "profile"), "--app="+b.origin+"/")...)
	cmd.Env = append(os.Environ(), "HOME="+dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	log, err := os.Create(filepath.Join(share, "chromium.log"))
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		_ = cmd.Wait()
		_ = server.Close()
		_ = log.Close()
	})
	b.shown(t, begun())
	return b
}

// begun returns a stopwatch.
func begun() func() time.Duration {
	at := time.Now()
	return func() time.Duration { return time.Since(at).Round(100 * time.Millisecond) }
}

// shown waits for the page.
func (b *browser) shown(t *testing.T, watch func() time.Duration) {
	t.Helper()
	select {
	case b.steps <- nil:
		t.Logf("Chromium shows its page after %s", watch())
	case <-time.After(startLimit):
		log, _ := os.ReadFile(filepath.Join(share, "chromium.log"))
		t.Fatalf("Chromium did not show its page within %s:\n%s", startLimit, log[max(0, len(log)-4000):])
	}
}

func (b *browser) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write(page)
	})
	mux.HandleFunc("GET /next", b.next)
	mux.HandleFunc("GET /abort", b.abort)
	mux.HandleFunc("POST /done", b.done)
	return mux
}

// next answers when there is something to do, or at times with nothing, so that the page notices an end.
func (b *browser) next(w http.ResponseWriter, r *http.Request) {
	select {
	case s := <-b.steps:
		if s != nil {
			_ = json.NewEncoder(w).Encode(s)
			return
		}
	case <-r.Context().Done():
	case <-time.After(20 * time.Second):
	}
	w.WriteHeader(http.StatusNoContent)
}

// abort answers when a test takes its step back.
func (b *browser) abort(w http.ResponseWriter, r *http.Request) {
	id, _ := strconv.Atoi(r.URL.RawQuery)
	b.mu.Lock()
	s := b.open[id]
	b.mu.Unlock()
	if s == nil {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	select {
	case <-s.aborted:
		w.WriteHeader(http.StatusOK)
	case <-s.over: // the page has six connections to a host, and needs this one again
		w.WriteHeader(http.StatusNoContent)
	case <-r.Context().Done():
	}
}

func (b *browser) done(_ http.ResponseWriter, r *http.Request) {
	var o outcome
	if err := json.NewDecoder(r.Body).Decode(&o); err != nil {
		return
	}
	b.mu.Lock()
	s := b.open[o.ID]
	delete(b.open, o.ID)
	b.mu.Unlock()
	if s != nil {
		close(s.over)
		s.done <- o
	}
}

// begin lets the page call navigator.credentials and does not wait for it. What nobody waited for is taken back at the end of the test, so that the next
// one finds the page ready.
func (b *browser) begin(t *testing.T, kind string, options any) *step {
	t.Helper()
	s := &step{Kind: kind, Options: options, aborted: make(chan struct{}), over: make(chan struct{}), done: make(chan outcome, 1)}
	if log, err := os.Stat(filepath.Join(share, "chromium.log")); err == nil {
		b.from = log.Size()
	}
	s.abort = sync.OnceFunc(func() { close(s.aborted) })
	b.mu.Lock()
	b.last++
	s.ID = b.last
	b.open[s.ID] = s
	b.mu.Unlock()
	select {
	case b.steps <- s:
	case <-time.After(patience):
		t.Fatalf("the page did not ask for a step within %s", patience)
	}
	t.Cleanup(s.tidy)
	return s
}

func (s *step) tidy() {
	if s.ended {
		return
	}
	s.abort()
	select {
	case <-s.done:
	case <-time.After(patience):
	}
}

// wait returns what became of a step.
func (s *step) wait(t *testing.T) outcome {
	t.Helper()
	select {
	case o := <-s.done:
		s.ended = true
		return o
	case <-time.After(patience):
		t.Fatalf("navigator.credentials.%s did not end within %s", s.Kind, patience)
		return outcome{}
	}
}

// said is what Chromium logged of security keys since the last step began, its end.
func (b *browser) said() string {
	log, _ := os.ReadFile(filepath.Join(share, "chromium.log"))
	log = log[min(int(b.from), len(log)):]
	var fido [][]byte
	for line := range bytes.Lines(log) {
		if _, text, ok := bytes.Cut(line, []byte("FIDO: ")); ok {
			fido = append(fido, text[:min(len(text), 300)])
		}
	}
	return string(bytes.Join(fido[max(0, len(fido)-25):], nil))
}
