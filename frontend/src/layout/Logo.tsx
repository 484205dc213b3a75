/** A tail of four keypoints. */
export function Logo({ size = 22 }: { size?: number }) {
  const dots = [[7, 21.5], [13, 13], [20, 14.5], [25.5, 9]] as const;
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden>
      <rect width="32" height="32" rx="7" fill="var(--mantine-color-petrol-7)" />
      <path d="M7 21.5 13 13l7 1.5L25.5 9" stroke="#fff" strokeWidth="2" strokeLinecap="round" fill="none" />
      {dots.map(([x, y]) => (
        <circle key={x} cx={x} cy={y} r="2.6" fill="#fff" />
      ))}
    </svg>
  );
}
