package exporter

import (
	"slices"

	"signet/vault"
	"signet/vault/secret"
)

// folderPlan finds the vault's record for each folder of the source, and makes what is missing of the way down to it. A folder with an id in the source is found by
// that id again, however it was renamed or moved meanwhile, and two of one name stay two; one without is found by its title below its parent. Records are written
// in Finish: until then a folder may get its title, and only folders that something lies in are made.
type folderPlan struct {
	format  string
	ids     vault.IDs
	byID    map[vault.ID]*planFolder
	source  map[string]*planFolder // by id in the source
	titled  map[placeKey][]*planFolder
	changed []*planFolder // in the order in which they came
}

type placeKey struct {
	parent vault.ID
	title  string
}

type planFolder struct {
	id       vault.ID
	parent   vault.ID
	title    string
	sourceID string
	sources  []vault.Source
	isNew    bool
	used     bool
}

func newFolderPlan(format string, ids vault.IDs) *folderPlan {
	return &folderPlan{
		format: format, ids: ids, byID: map[vault.ID]*planFolder{}, source: map[string]*planFolder{}, titled: map[placeKey][]*planFolder{},
	}
}

func (p *folderPlan) known(id vault.ID, path []string, sources []vault.Source) {
	if len(path) == 0 || p.byID[id] != nil {
		return
	}
	f := &planFolder{id: id, title: path[len(path)-1]}
	for _, title := range path[:len(path)-1] {
		above := p.titled[placeKey{f.parent, title}]
		if len(above) == 0 {
			break // its parent is not known: it counts as a root
		}
		f.parent = above[0].id
	}
	f.sourceID = p.sourceID(sources)
	p.byID[id] = f
	if p.format == signetName && p.source[string(id)] == nil {
		p.source[string(id)] = f // our own export names folders by their own ids
	}
	if f.sourceID != "" && p.source[f.sourceID] == nil {
		p.source[f.sourceID] = f
	}
	p.hang(f)
}

func (p *folderPlan) sourceID(sources []vault.Source) string {
	for _, s := range sources {
		if s.Format == p.format && s.Name == srcID {
			return s.Value.RevealString()
		}
	}
	return ""
}

func (p *folderPlan) hang(f *planFolder) {
	key := placeKey{f.parent, f.title}
	p.titled[key] = append(p.titled[key], f)
}

// place returns the records of an item's folders.
func (p *folderPlan) place(folders []Folder) (out []vault.ID) {
	for _, f := range folders {
		if id := p.find(f); id != "" && !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}

// find returns the record of a folder, making those that are missing on the way. "" when there is no way.
func (p *folderPlan) find(way Folder) (id vault.ID) {
	if len(way) > MaxFolderDeep {
		way = way[:MaxFolderDeep]
	}
	for _, step := range way {
		id = p.step(id, step).id
	}
	return id
}

func (p *folderPlan) step(parent vault.ID, s FolderStep) *planFolder {
	if s.ID != "" {
		f := p.source[s.ID]
		if first := p.sourceID(s.Sources); f == nil && first != "" {
			f = p.source[first] // it went through another vault meanwhile
		}
		if f != nil {
			p.name(f, parent, s)
			return f
		}
	}
	for _, f := range p.titled[placeKey{parent, s.Title}] {
		if s.ID == "" || f.sourceID == "" && s.Title != "" {
			p.adopt(f, s)
			return f
		}
	}
	f := &planFolder{id: p.ids.Record(), isNew: true, parent: parent, title: s.Title, sources: s.Sources, sourceID: s.ID}
	p.byID[f.id] = f
	p.changed = append(p.changed, f)
	if s.ID != "" {
		p.source[s.ID] = f
	}
	if s.Title != "" {
		p.hang(f)
	}
	return f
}

// adopt lets a folder that was there stand for one of the source.
func (p *folderPlan) adopt(f *planFolder, s FolderStep) {
	if s.ID == "" {
		return
	}
	f.sourceID, f.sources = s.ID, s.Sources
	p.source[s.ID] = f
	if !f.isNew {
		p.changed = append(p.changed, f)
	}
}

// name gives a folder that was known by its id alone its title and place.
func (p *folderPlan) name(f *planFolder, parent vault.ID, s FolderStep) {
	if !f.isNew || f.title != "" || s.Title == "" {
		return
	}
	f.title, f.sources = s.Title, s.Sources
	if !p.below(parent, f.id) {
		f.parent = parent
	}
	p.hang(f)
}

// below reports whether id is the folder above or lies below it: a way that led back to itself would be no way.
func (p *folderPlan) below(id, above vault.ID) bool {
	for range MaxFolders {
		if id == above || id == "" {
			return id != ""
		}
		f := p.byID[id]
		if f == nil {
			return false
		}
		id = f.parent
	}
	return true
}

// use marks a folder as one that something lies in.
func (p *folderPlan) use(id vault.ID) {
	if f := p.byID[id]; f != nil {
		f.used = true
	}
}

// edits returns, record by record, what makes the new folders and marks the adopted ones. Each is returned once.
func (p *folderPlan) edits() (out [][]vault.Edit) {
	for _, f := range p.changed {
		for above := f; f.used && above != nil && above.parent != ""; above = p.byID[above.parent] {
			if next := p.byID[above.parent]; next == nil || next.used {
				break
			}
			p.use(above.parent)
		}
	}
	for _, f := range p.changed {
		if f.used {
			out = append(out, p.record(f))
		}
	}
	p.changed = nil
	return out
}

func (p *folderPlan) record(f *planFolder) (edits []vault.Edit) {
	if f.isNew {
		title := f.title
		if title == "" {
			title = "Folder"
		}
		edits = vault.NewFolder(f.id, title, f.parent)
	}
	if f.sourceID != "" {
		edits = append(edits, vault.Edit{FieldRef: vault.FieldRef{Record: f.id, Path: sourcePath(p.format, srcID)}, Value: secret.FromString(f.sourceID)})
	}
	for _, s := range f.sources {
		if (s.Format != p.format || s.Name != srcID) && len(s.Value.Reveal()) <= MaxCell {
			edits = append(edits, vault.Edit{FieldRef: vault.FieldRef{Record: f.id, Path: sourcePath(s.Format, s.Name)}, Value: s.Value})
		}
	}
	return edits
}
