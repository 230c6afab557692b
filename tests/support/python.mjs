// Python with packages from PyPI, in a virtual environment of its own that is gone afterwards: nothing of the machine's own Python
// changes. For suites of any folder; holds no test.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/**
 * Installs packages, named as pip takes them (`workos>=10,<11`).
 * @returns {Promise<{ program: string, remove: () => void } | { missing: string }>} what this machine lacks, where it lacks something
 */
export async function installPython(...packages) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'edgeseal-python-'));
  const remove = () => fs.rmSync(folder, { recursive: true, force: true });
  const program = path.join(folder, process.platform === 'win32' ? 'Scripts' : 'bin', 'python');
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--retries', '1'];
  for (const [missing, command, ...parameters] of [
    ['no python3 with venv', 'python3', '-m', 'venv', folder],
    [`PyPI does not give ${packages.join(' and ')}`, program, ...pip, ...packages],
  ]) {
    if (!(await succeeds(command, parameters))) {
      remove();
      return { missing };
    }
  }
  return { program, remove };
}

function succeeds(program, parameters) {
  return once(spawn(program, parameters, { stdio: 'ignore' }), 'exit').then(([code]) => code === 0, () => false);
}
