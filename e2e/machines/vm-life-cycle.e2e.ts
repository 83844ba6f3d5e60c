import { bringUpChapters } from './vm-life-cycle/bring-up-chapters.js';
import { imageChapters } from './vm-life-cycle/image-chapters.js';
import { recoveryChapters } from './vm-life-cycle/recovery-chapters.js';
import { replacementChapters } from './vm-life-cycle/replacement-chapters.js';
import { vmStory } from './vm-life-cycle/story.js';
import { virtualBoxChapter } from './vm-life-cycle/virtualbox-chapter.js';
import { workChapters } from './vm-life-cycle/work-chapters.js';

/**
 * A QEMU machine's whole life, as its user sees it: everything through nx in a new workspace, with real Packer, QEMU and
 * VBoxManage. Under emulation a boot takes a minute, so that the side stories are for ALL_JOURNEYS=true.
 */
describe('the life of a virtual machine', () => {
  const story = vmStory(process.env['ALL_JOURNEYS'] === 'true');
  imageChapters(story);
  virtualBoxChapter(story);
  bringUpChapters(story);
  workChapters(story);
  recoveryChapters(story);
  replacementChapters(story);
});
