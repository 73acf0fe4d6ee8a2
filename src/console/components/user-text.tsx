// Text that a person wrote, with bidirectional control characters made harmless and visible.

const BIDI_CONTROLS = /([\u202a\u202b\u202d\u202e\u2066-\u2068])/;

/** The text; each character that would change the text direction is isolated and marked. */
export function UserText({ text }: { readonly text: string }) {
  if (!BIDI_CONTROLS.test(text)) return text;
  const parts = text.split(BIDI_CONTROLS);
  // `bdi` ends the effect of such a character at its own element.
  return parts.map((part, n) => {
    const key = `${n}`;
    return BIDI_CONTROLS.test(part) ? (
      <bdi className="turn" key={key}>
        {part}
      </bdi>
    ) : (
      part
    );
  });
}
