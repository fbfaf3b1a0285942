package archtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
)

const module = "signet"

// source is one Go file, whatever system it is built for.
type source struct {
	name string // slash path from the repository's root
	pkg  string // slash path of its folder, "." for the root
	test bool
	file *ast.File
	fset *token.FileSet
	text []byte
}

// imports lists what the file imports, unquoted.
func (s *source) imports() []string {
	var out []string
	for _, spec := range s.file.Imports {
		p, _ := strconv.Unquote(spec.Path.Value)
		out = append(out, p)
	}
	return out
}

// line gives "file:line" of a node, for messages.
func (s *source) line(n ast.Node) string {
	return s.name + ":" + strconv.Itoa(s.fset.Position(n.Pos()).Line)
}

// local gives the name under which the file knows an import, or "" when it does not import it.
func (s *source) local(importPath string) string {
	for _, spec := range s.file.Imports {
		if p, _ := strconv.Unquote(spec.Path.Value); p == importPath {
			if spec.Name != nil {
				return spec.Name.Name
			}
			return path.Base(strings.TrimSuffix(p, "/v2"))
		}
	}
	return ""
}

// calls visits every use of a name from an imported package: calls(s, "fmt", f) calls f for fmt.Println with "Println".
func (s *source) calls(importPath string, visit func(name string, n *ast.SelectorExpr)) {
	local := s.local(importPath)
	if local == "" {
		return
	}
	ast.Inspect(s.file, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := sel.X.(*ast.Ident); ok && x.Name == local && x.Obj == nil {
				visit(sel.Sel.Name, sel)
			}
		}
		return true
	})
}

// root is the repository's root, seen from this package's folder, where go test runs.
var root = filepath.Join("..", "..")

var parseAll = sync.OnceValues(func() ([]*source, error) {
	fset := token.NewFileSet()
	var out []*source
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		base := d.Name()
		if d.IsDir() {
			hidden := p != root && (strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_"))
			if hidden || base == "testdata" || base == "dist" || base == "bin" {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(base, ".go") {
			return nil
		}
		s, err := parse(fset, p)
		out = append(out, s)
		return err
	})
	return out, err
})

func parse(fset *token.FileSet, p string) (*source, error) {
	text, err := os.ReadFile(p)
	if err != nil {
		return nil, err
	}
	file, err := parser.ParseFile(fset, p, text, parser.ParseComments)
	if err != nil {
		return nil, err
	}
	rel, err := filepath.Rel(root, p)
	if err != nil {
		return nil, err
	}
	name := filepath.ToSlash(rel)
	return &source{
		name: name, pkg: path.Dir(name), test: strings.HasSuffix(name, "_test.go"), file: file, fset: fset, text: text,
	}, nil
}

// sources gives every Go file of the module.
func sources(t *testing.T) []*source {
	t.Helper()
	all, err := parseAll()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// product gives the files that are not tests.
func product(t *testing.T) []*source {
	t.Helper()
	var out []*source
	for _, s := range sources(t) {
		if !s.test {
			out = append(out, s)
		}
	}
	return out
}

// covers says whether a pattern names a package: "vault" itself only, "vault/..." itself and all below.
func covers(pattern, pkg string) bool {
	if base, ok := strings.CutSuffix(pattern, "/..."); ok {
		return pkg == base || strings.HasPrefix(pkg, base+"/")
	}
	return pattern == pkg
}

func anyCovers(patterns []string, pkg string) bool {
	for _, p := range patterns {
		if covers(p, pkg) {
			return true
		}
	}
	return false
}
