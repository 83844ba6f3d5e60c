export { writeAside, writePrivate } from '@build-machines/owned-files';
