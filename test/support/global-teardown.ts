/** Stops the servers of {@link ./global-setup.ts} and removes their data. */
export default async function tearDown(): Promise<void> {
  await globalThis.rollcallTakeDown?.()
}
