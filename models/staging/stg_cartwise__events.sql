{{ cartwise.input_select('events') }}
