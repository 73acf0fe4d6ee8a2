// A text that a person wrote, as it will be read: no character in it turns the direction of what follows.

const BIDI_CONTROLS = /([\u202a\u202b\u202d\u202e\u2066-\u2068])/;

/** The text itself; each character that would turn the direction stands alone, and is marked. */
export function UserText({ text }: { readonly text: string }) {
  if (!BIDI_CONTROLS.test(text)) return text;
  const parts = text.split(BIDI_CONTROLS);
  // What such a character opens ends with the element that it stands in.
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
