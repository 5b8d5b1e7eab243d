/** `npm run generate`: the files that are made from others. types.gen.ts is committed, descriptions.json.gz is not. */
import { generateDescriptions } from '../../lib/schema/generate-descriptions.ts';
import { writeTypes } from '../../lib/schema/generate-types.ts';

writeTypes();
generateDescriptions();
