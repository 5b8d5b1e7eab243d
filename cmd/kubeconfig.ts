import { systemRandom } from '../lib/base/random.ts';
import { readApiPlace } from '../lib/daemon/api-place.ts';
import { loadCertificates } from '../lib/server/certificates/certificates.ts';
import type { CommandIo } from './command-io.ts';
import { dataDirectory } from './data-directory.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';

/** `pintle kubeconfig`: for the daemon's owner, who may read its data directory and so may do everything. */
export async function kubeconfigCommand(
  options: { readonly data?: string },
  io: CommandIo,
): Promise<ExitCode> {
  io.stdout(adminKubeconfig(dataDirectory(options.data, io)));
  return exitCodes.ok;
}

/** The text of a kubeconfig that may do everything. UserError NO_API when no daemon of this data directory has served the API. */
export function adminKubeconfig(directory: string): string {
  const { address, port } = readApiPlace(directory);
  // What expires soon is renewed by whoever comes first; the server's names are the server's affair.
  const { authority, admin } = loadCertificates({
    dataDirectory: directory,
    names: [],
    now: Date.now(),
    random: systemRandom(),
  });
  return kubeconfig({ server: `https://${hostOf(address)}:${port}`, authority, admin });
}

/** Somewhere everything listens, clients cannot go there. */
function hostOf(address: string): string {
  if (address === '0.0.0.0' || address === '::') return '127.0.0.1';
  return address.includes(':') ? `[${address}]` : address;
}

type Loaded = ReturnType<typeof loadCertificates>;

function kubeconfig({
  server,
  authority,
  admin,
}: { readonly server: string } & Pick<Loaded, 'authority' | 'admin'>): string {
  const data = (pem: string): string => Buffer.from(pem, 'utf8').toString('base64');
  return `apiVersion: v1
kind: Config
clusters:
- name: pintle
  cluster:
    server: ${server}
    certificate-authority-data: ${data(authority.certificatePem)}
users:
- name: pintle-admin
  user:
    client-certificate-data: ${data(admin.certificatePem)}
    client-key-data: ${data(admin.keyPem)}
contexts:
- name: pintle
  context:
    cluster: pintle
    user: pintle-admin
current-context: pintle
`;
}
