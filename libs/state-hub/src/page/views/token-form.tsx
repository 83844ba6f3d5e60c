/** Asks for a token, where the hub lets nobody read without one. */
export function TokenForm({ onToken }: { onToken: (token: string) => void }) {
  return (
    <main class="token">
      <h1>State Hub</h1>
      <p>This hub shows nothing without a token. A read-only one is enough; it is kept for this tab only.</p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const token = new FormData(event.currentTarget).get('token');
          if (typeof token === 'string' && token !== '') onToken(token);
        }}
      >
        <label for="token">Token</label>
        <input id="token" name="token" type="password" autocomplete="off" required />
        <button type="submit">Open</button>
      </form>
    </main>
  );
}
