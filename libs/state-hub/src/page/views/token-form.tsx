/** Says how to open the page, and takes a token where there is one. */
export function TokenForm({ onToken }: { onToken: (token: string) => void }) {
  return (
    <main class="token">
      <h1>State Hub</h1>
      <p>What people build is shown to those who may read it. Open this page from a terminal, in the workspace:</p>
      <pre tabIndex={0}>npx build-machines hub open</pre>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const token = new FormData(event.currentTarget).get('token');
          if (typeof token === 'string' && token !== '') onToken(token);
        }}
      >
        <label for="token">Or paste a token; a read-only one is enough. It is kept for this tab.</label>
        <input id="token" name="token" type="password" autocomplete="off" required />
        <button type="submit">Open</button>
      </form>
    </main>
  );
}
