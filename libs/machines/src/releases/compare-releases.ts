/** Order of two releases by Semantic Versioning 2.0.0, section 11, of the three numbers; a pre-release comes before its release. */
export function compareReleases(a: string, b: string): number {
  const [one, other] = [parsedRelease(a), parsedRelease(b)];
  for (const [index, number] of one.numbers.entries()) {
    const difference = number - (other.numbers[index] ?? 0);
    if (difference !== 0) return difference;
  }
  if (one.preRelease === other.preRelease) return 0;
  if (one.preRelease === '') return 1;
  if (other.preRelease === '') return -1;
  return one.preRelease.localeCompare(other.preRelease, 'en', { numeric: true });
}

function parsedRelease(text: string): { numbers: number[]; preRelease: string } {
  const [version = '', ...preRelease] = (text.split('+')[0] ?? '').split('-');
  const numbers = [...version.split('.').map((part) => Number.parseInt(part, 10) || 0), 0, 0, 0].slice(0, 3);
  return { numbers, preRelease: preRelease.join('-') };
}
