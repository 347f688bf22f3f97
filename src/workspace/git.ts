/** The door to git: every call is hermetic (`git-process.ts`), and trees keep exact bytes and modes. */
export { git, gitText } from './git-process.ts';
export type { GitOptions } from './git-process.ts';
export { initRepository, lsTree, readBlobs, resolveRevision } from './git-tree.ts';
export type { TreeEntry } from './git-tree.ts';
export { exportTree, folderEntries, isUnsafePath, quotedPath, treeOfFolder } from './git-folder.ts';
export type { FolderEntry } from './git-folder.ts';
export type { GitFailure } from '../model/failures/source.ts';
