package plot

import "image/color"

// Tone is a colour by its meaning. It is a color.Color of the light palette, for PNG and for
// SVG files; on a page it is the custom property of the same name, which is what makes the
// figures follow the reader's theme.
type Tone uint8

// The tones. Colour means chosen, baseline or trouble and nothing else.
const (
	Ink Tone = iota
	SecondInk
	ThirdInk
	Grid
	Axis
	Wash  // regions that the figures of the page do not count: warm-up, drain, too few records
	Pick  // the case in question
	Base  // what it is compared with
	Alert // limits, events, trouble
	Dim   // everything else
	Slate // bars without a meaning of their own
	Paper
)

// shade is a tone's name on the page and its colour on white paper.
type shade struct {
	name  string
	light color.RGBA
}

func (t Tone) shade() shade {
	switch t {
	case SecondInk:
		return shade{"ink2", color.RGBA{0x48, 0x52, 0x5d, 0xff}}
	case ThirdInk:
		return shade{"ink3", color.RGBA{0x5f, 0x6a, 0x76, 0xff}}
	case Grid:
		return shade{"grid", color.RGBA{0xe9, 0xed, 0xf0, 0xff}}
	case Axis:
		return shade{"axis", color.RGBA{0x8a, 0x94, 0x9e, 0xff}}
	case Wash:
		return shade{"wash", color.RGBA{0xf2, 0xf4, 0xf6, 0xff}}
	case Pick:
		return shade{"pick", color.RGBA{0x00, 0x57, 0xb8, 0xff}}
	case Base:
		return shade{"base", color.RGBA{0xa8, 0x43, 0x00, 0xff}}
	case Alert:
		return shade{"alert", color.RGBA{0xa0, 0x12, 0x5c, 0xff}}
	case Dim:
		return shade{"dim", color.RGBA{0x84, 0x8e, 0x99, 0xff}}
	case Slate:
		return shade{"slate", color.RGBA{0xc1, 0xca, 0xd3, 0xff}}
	case Paper:
		return shade{"bg", color.RGBA{0xff, 0xff, 0xff, 0xff}}
	default:
		return shade{"ink", color.RGBA{0x13, 0x18, 0x1e, 0xff}}
	}
}

// Name returns the name of the tone's custom property, without the dashes.
func (t Tone) Name() string { return t.shade().name }

// RGBA implements color.Color.
func (t Tone) RGBA() (r, g, b, a uint32) { return t.shade().light.RGBA() }

// tones returns every tone, for a style sheet.
func tones() []Tone {
	var all []Tone
	for t := Ink; t <= Paper; t++ {
		all = append(all, t)
	}
	return all
}

// tint is a tone that lets what lies below shine through.
type tint struct {
	Tone
	opacity float64 // in [0, 1]
}

// RGBA implements color.Color, with premultiplied alpha as it demands.
func (t tint) RGBA() (r, g, b, a uint32) {
	r, g, b, a = t.Tone.RGBA()
	dilute := func(v uint32) uint32 { return uint32(float64(v) * t.opacity) }
	return dilute(r), dilute(g), dilute(b), dilute(a)
}
