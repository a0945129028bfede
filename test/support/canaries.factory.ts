import { randomBytes } from 'node:crypto'

/** Texts that stand nowhere else, so that whatever holds one of them got it from where it was put. */
export class Canaries {
  /** Part of every one of them. */
  readonly mark = `canary${randomBytes(6).toString('hex')}`
  private readonly made: string[] = []

  /** A new one; `place` says in words of letters and hyphens where it is put. */
  at(place: string): string {
    const canary = `${this.mark}-${place}`
    this.made.push(canary)
    return canary
  }

  get count(): number {
    return this.made.length
  }

  /** The places of those that a text holds, however it writes letters. */
  in(text: string): string[] {
    if (!text.toLowerCase().includes(this.mark)) return []
    const places = text.toLowerCase().match(new RegExp(`${this.mark}(-[a-z]+)*`, 'g')) ?? []
    return [...new Set(places.map((place) => place.slice(this.mark.length + 1)))]
  }
}
