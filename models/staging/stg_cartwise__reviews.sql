{{ cartwise.input_select('reviews') }}
