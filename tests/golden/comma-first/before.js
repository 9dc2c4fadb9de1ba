module.exports =
  { uiPort: 28443
  , flowFile: 'other.json' // the flows
  }
