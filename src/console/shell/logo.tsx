// Logo of callvault.
export function Logo() {
  return (
    <svg width="22" height="22" viewBox="0 0 22 22" aria-hidden="true">
      <rect width="22" height="22" rx="6" fill="currentColor" />
      <g className="mark-bars" strokeWidth="2" strokeLinecap="round">
        <path d="M5 9.500v3M8 7v8M14 7v8M17 9.500v3" />
        <path d="M11 10.500v5.500" />
      </g>
      <circle className="mark-dot" cx="11" cy="8" r="2.200" />
    </svg>
  );
}
