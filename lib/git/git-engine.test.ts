import { openScene, repositoryContract, settings } from '../testing/repository-contract.ts';
import { spread } from '../testing/thoroughness.ts';

for (const setting of spread(settings, 1)) {
  repositoryContract('git', setting, { open: (t) => openScene(t, 'git', setting) });
}
