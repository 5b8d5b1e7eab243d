import { openScene, repositoryContract, settings } from '../testing/repository-contract.ts';

for (const setting of settings) {
  repositoryContract('isomorphic', setting, { open: (t) => openScene(t, 'isomorphic', setting) });
}
