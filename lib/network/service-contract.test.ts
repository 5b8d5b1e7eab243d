import test from 'ava';
import { needsRoot } from '../testing/needs-root.ts';
import { serviceContract } from '../testing/service-contract.ts';

const tested = needsRoot(['ip', 'nft', 'busybox', 'nsenter', 'conntrack']) ? test.serial : test.serial.skip;
serviceContract(tested, 'nftables');
