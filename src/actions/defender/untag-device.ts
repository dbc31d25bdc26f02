import { deviceTagAction } from './tags/device-tag-action.js';

/** Removes the tag of a device that is no longer being investigated. */
export default deviceTagAction({
  name: 'defender.untag-device',
  title: 'Remove the tag “Under investigation” from the device',
  impact: 'The device loses the tag “Under investigation”, and leaves the device groups whose rules name it.',
  tagged: false,
  undo: 'Adds the tag again, if the responder removed it.',
});
