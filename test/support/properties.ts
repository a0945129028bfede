import fc from 'fast-check'

/** `maxLength` means what it says: left alone, no list and no text would have more than ten items. */
fc.configureGlobal({ defaultSizeToMaxWhenMaxSpecified: true })
