import { deviceTagAction } from './tags/device-tag-action.js';

/** Tags a device as one that is being investigated. */
export default deviceTagAction({
  name: 'defender.tag-device',
  title: 'Tag the device as under investigation',
  impact:
    'The device gets the tag “Under investigation”. A device group whose rules name that tag takes it in, with its permissions and its level of automation.',
  tagged: true,
  undo: 'Removes the tag, if the device did not have it before the responder and no other incident relies on it.',
});
