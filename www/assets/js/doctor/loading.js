// Says so where the doctor cannot load: an old browser, or a site that was not built. A script of its own, before the modules, because it has
// to work where they do not.

(() => {
  const fail = () => {
    const place = document.getElementById('trouble');
    if (!place || document.getElementById('verdict-title')?.textContent !== 'One moment') return;
    place.hidden = false;
    place.textContent = 'The doctor could not be loaded. It needs a browser of 2023 or newer; and whoever runs this site has to build it (npm run site).';
  };
  // A module that does not load tells its own element alone, on the way down.
  window.addEventListener('error', fail, true);
  window.addEventListener('unhandledrejection', fail);
})();
