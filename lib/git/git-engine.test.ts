import { openScene, repositoryContract, settings } from '../testing/repository-contract.ts';

for (const setting of settings) {
  repositoryContract('git', setting, { open: (t) => openScene(t, 'git', setting) });
}
