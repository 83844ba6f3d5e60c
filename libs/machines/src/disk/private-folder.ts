export { ForeignFolderError, makeOwnFolder as ensurePrivateFolder } from '@build-machines/owned-files';
