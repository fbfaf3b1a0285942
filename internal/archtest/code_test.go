package archtest

import (
	"go/ast"
	"go/token"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Sizes that no function and no file exceeds. Lines inside tables (composite and long string literals) do not count: a
// table may be as long as what it lists.
const (
	maxFunction = 100
	maxFile     = 600
)

// mayInit lists files that may have an init function, with the reason. It is empty, and a row needs a measurement: an init
// runs at every start of the program, for every command.
var mayInit = map[string]string{}

func TestNoInitFunctions(t *testing.T) {
	for _, s := range product(t) {
		for _, d := range s.file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" && mayInit[s.name] == "" {
				t.Errorf("%s: init runs at every start; call it from where it is needed", s.line(f))
			}
		}
	}
}

func TestPackageNamesSayWhatLivesThere(t *testing.T) {
	banned := []string{"util", "utils", "common", "helper", "helpers", "types", "models", "misc", "shared"}
	for _, s := range sources(t) {
		if slices.Contains(banned, s.file.Name.Name) {
			t.Errorf("%s: package %s says nothing about what lives there", s.name, s.file.Name.Name)
		}
	}
}

// Every package tells a newcomer in doc.go what lives there, what may be touched and how to add the next one.
func TestEveryPackageHasADocFile(t *testing.T) {
	documented, packages := map[string]bool{}, map[string]bool{}
	for _, s := range sources(t) {
		packages[s.pkg] = true
		want := "doc.go"
		if s.pkg == "." {
			want = "main.go"
		}
		if strings.HasSuffix("/"+s.name, "/"+want) && s.file.Doc != nil {
			documented[s.pkg] = len(strings.Fields(s.file.Doc.Text())) >= 10
		}
	}
	for pkg := range packages {
		if !documented[pkg] {
			t.Errorf("package %s has no doc.go with a package comment that explains it", pkg)
		}
	}
}

// Only the command line prints; everything else returns values or writes to a writer it was given.
func TestOnlyTheCommandLinePrints(t *testing.T) {
	for _, s := range product(t) {
		if covers("internal/cli/...", s.pkg) {
			continue
		}
		s.calls("fmt", func(name string, n *ast.SelectorExpr) {
			if strings.HasPrefix(name, "Print") {
				t.Errorf("%s: fmt.%s outside internal/cli", s.line(n), name)
			}
		})
		s.calls("log", func(name string, n *ast.SelectorExpr) {
			t.Errorf("%s: log.%s: the program keeps no log; return an error", s.line(n), name)
		})
	}
}

func TestNoWeakRandomness(t *testing.T) {
	for _, s := range product(t) {
		for _, imp := range s.imports() {
			if imp == "math/rand" || imp == "math/rand/v2" {
				t.Errorf("%s: imports %s; take an io.Reader fed by crypto/rand", s.name, imp)
			}
		}
	}
}

var secretName = regexp.MustCompile(`(?i)pass|secret|token|recovery|\bpin\b|private|seed|_key\b|code\b`)

// The environment is readable by every process of the user and inherited by every child: no secret comes from there.
func TestNoSecretsFromTheEnvironment(t *testing.T) {
	for _, s := range product(t) {
		ast.Inspect(s.file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) == 0 {
				return true
			}
			sel, ok := call.Fun.(*ast.SelectorExpr)
			if !ok || !slices.Contains([]string{"Getenv", "LookupEnv"}, sel.Sel.Name) {
				return true
			}
			if lit, ok := call.Args[0].(*ast.BasicLit); ok && secretName.MatchString(lit.Value) {
				t.Errorf("%s: reads %s: secrets come from a prompt, standard input or --passphrase-fd", s.line(n), lit.Value)
			}
			return true
		})
	}
}

// wayOut is what a skip must tell: how to get what is missing, or where the test does run.
var wayOut = regexp.MustCompile(`(?i)make \w+|install|\bset [A-Z$]|` +
	`runs? (it |this |the )?(test )?(only )?(on|as|with|by|under|there|when)\b|only (on|as)\b|this (file )?system|-short`)

func TestSkipsSayHowToGetWhatIsMissing(t *testing.T) {
	for _, s := range sources(t) {
		if !s.test && !anyCovers(suites, s.pkg) {
			continue
		}
		for _, call := range s.skips() {
			if !wayOut.MatchString(literals(call)) {
				t.Errorf("%s: a skip says what is missing and how to get it (make deps, set X=…, runs only on …)", s.line(call))
			}
		}
	}
}

// skips finds the calls that skip a test. A rapid.T skips one drawn case, not the test, and is something else.
func (s *source) skips() []*ast.CallExpr {
	var out []*ast.CallExpr
	ast.Inspect(s.file, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		sel, ok := call.Fun.(*ast.SelectorExpr)
		if !ok || !slices.Contains([]string{"Skip", "Skipf", "SkipNow"}, sel.Sel.Name) {
			return true
		}
		if x, ok := sel.X.(*ast.Ident); ok && strings.Contains(s.parameterType(x), "testing.") {
			out = append(out, call)
		}
		return true
	})
	return out
}

// parameterType gives the type of a name where it is the parameter of an enclosing function, the innermost one.
func (s *source) parameterType(x *ast.Ident) string {
	found := ""
	ast.Inspect(s.file, func(n ast.Node) bool {
		if n == nil || n.Pos() > x.Pos() || n.End() < x.End() {
			return false
		}
		var params *ast.FieldList
		switch n := n.(type) {
		case *ast.FuncDecl:
			params = n.Type.Params
		case *ast.FuncLit:
			params = n.Type.Params
		default:
			return true
		}
		for _, field := range params.List {
			for _, name := range field.Names {
				if name.Name == x.Name {
					found = typeName(field.Type)
				}
			}
		}
		return true
	})
	return found
}

// typeName names the types of package testing, which is all that is asked: *testing.T, testing.TB.
func typeName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return "*" + typeName(e.X)
	case *ast.SelectorExpr:
		if pkg, ok := e.X.(*ast.Ident); ok && pkg.Name == "testing" {
			return "testing." + e.Sel.Name
		}
	}
	return ""
}

// literals joins the string literals below a node.
func literals(n ast.Node) string {
	var b strings.Builder
	ast.Inspect(n, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			b.WriteString(lit.Value)
		}
		return true
	})
	return b.String()
}

func TestFunctionsAndFilesStaySmall(t *testing.T) {
	for _, s := range sources(t) {
		if ast.IsGenerated(s.file) {
			continue
		}
		if n := s.linesOf(s.file); n > maxFile {
			t.Errorf("%s has %d lines, more than %d: split it by noun", s.name, n, maxFile)
		}
		for _, d := range s.file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			if n := s.linesOf(f); n > maxFunction {
				t.Errorf("%s: %s has %d lines, more than %d", s.line(f), f.Name.Name, n, maxFunction)
			}
		}
	}
}

// linesOf counts the lines of a node without those inside tables: outermost composite literals that hold no function, and
// string literals, both of more than two lines.
func (s *source) linesOf(n ast.Node) int {
	span := func(n ast.Node) int { return s.fset.Position(n.End()).Line - s.fset.Position(n.Pos()).Line }
	lines := span(n) + 1
	ast.Inspect(n, func(c ast.Node) bool {
		table := false
		switch c := c.(type) {
		case *ast.CompositeLit:
			table = !holdsFunction(c)
		case *ast.BasicLit:
			table = c.Kind == token.STRING
		}
		if table && span(c) > 2 {
			lines -= span(c) - 1
			return false
		}
		return true
	})
	return lines
}

func holdsFunction(n ast.Node) bool {
	found := false
	ast.Inspect(n, func(c ast.Node) bool {
		if _, ok := c.(*ast.FuncLit); ok {
			found = true
		}
		return !found
	})
	return found
}
